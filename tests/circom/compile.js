// Compiles the Solidity files that are named; prints {"Contract": {"code": hex, "deployed_bytes": n}}. A warning fails.
const fs = require("fs");
const path = require("path");
const solc = require("solc");

const sources = {};
for (const file of process.argv.slice(2)) sources[path.basename(file)] = { content: fs.readFileSync(file, "utf8") };
const output = JSON.parse(solc.compile(JSON.stringify({
    language: "Solidity",
    sources,
    settings: {
        evmVersion: "cancun",
        optimizer: { enabled: true, runs: 1000 },
        outputSelection: { "*": { "*": ["evm.bytecode.object", "evm.deployedBytecode.object"] } },
    },
})));
const problems = (output.errors || []).map((e) => e.formattedMessage);
if (problems.length > 0) {
    console.error(problems.join("\n"));
    process.exit(1);
}
const contracts = {};
for (const file of Object.values(output.contracts)) {
    for (const [name, { evm }] of Object.entries(file)) {
        contracts[name] = { code: evm.bytecode.object, deployed_bytes: evm.deployedBytecode.object.length / 2 };
    }
}
console.log(JSON.stringify(contracts));
