// Computes the witness of each of many inputs: witnesses.js circuit.wasm inputs.json, the inputs a list. Writes 0.wtns, 1.wtns and so on.
const fs = require("fs");
const snarkjs = require("snarkjs");

(async () => {
    const [circuit, file] = process.argv.slice(2);
    const inputs = JSON.parse(fs.readFileSync(file, "utf8"));
    for (const [i, input] of inputs.entries()) await snarkjs.wtns.calculate(input, circuit, `${i}.wtns`);
    console.log(inputs.length);
    process.exit(0);
})();
