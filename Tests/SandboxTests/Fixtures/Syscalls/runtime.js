const { Worker } = require("worker_threads");
const { execFileSync } = require("child_process");
const fs = require("fs");
const http = require("http");

console.log(execFileSync("sh", ["-c", "echo child"]).toString().trim());
fs.writeFileSync("file", "text");
console.log(fs.readFileSync("file", "utf8"), fs.statSync("file").size);
const worker = new Worker("require('worker_threads').parentPort.postMessage(6 * 7)", { eval: true });
worker.on("message", (answer) => {
    console.log(answer);
    const server = http.createServer((_, response) => response.end("over http"));
    server.listen(0, "127.0.0.1", async () => {
        const response = await fetch(`http://127.0.0.1:${server.address().port}/`);
        console.log(response.status, await response.text());
        await fs.promises.mkdir("directory", { recursive: true });
        console.log(await fs.promises.readdir("."));
        server.close();
        process.exit(0);
    });
});
