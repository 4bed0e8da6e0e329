// Asks snarkjs whether each of many proofs holds: verify.js key.json cases.json, the cases a list of {proof, public}.
// Prints the list of its answers; a proof at which it throws does not hold.
const fs = require("fs");
const snarkjs = require("snarkjs");

const read = (file) => JSON.parse(fs.readFileSync(file, "utf8"));
(async () => {
    const [key, cases] = process.argv.slice(2).map(read);
    const answers = [];
    for (const { proof, public: inputs } of cases) {
        answers.push(await snarkjs.groth16.verify(key, inputs, proof).catch(() => false));
    }
    console.log(JSON.stringify(answers));
    process.exit(0);
})();
