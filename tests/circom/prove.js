// Proves with snarkjs, once for each witness: prove.js circuit.zkey witness.wtns ... Prints a list of {proof, public}.
const snarkjs = require("snarkjs");

(async () => {
    const [key, ...witnesses] = process.argv.slice(2);
    const proofs = [];
    for (const witness of witnesses) {
        const { proof, publicSignals } = await snarkjs.groth16.prove(key, witness);
        proofs.push({ proof, public: publicSignals });
    }
    console.log(JSON.stringify(proofs));
    process.exit(0);
})();
