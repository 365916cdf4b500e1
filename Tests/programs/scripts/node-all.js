// Child processes, worker threads and an HTTP server with its client on the loopback address.
const { execFileSync, spawn, fork } = require("node:child_process");
const { Worker, isMainThread, parentPort, workerData } = require("node:worker_threads");
const fs = require("node:fs");
const http = require("node:http");
const net = require("node:net");
const os = require("node:os");
const path = require("node:path");

async function childProcesses() {
    console.log("execFileSync", execFileSync("/bin/echo", ["said"]).toString().trim());
    const shout = spawn("tr", ["a-z", "A-Z"]);
    shout.stdin.end("piped through");
    let text = "";
    for await (const part of shout.stdout) text += part;
    console.log("spawn", text);
    const child = fork(__filename, ["forked"]);
    const answer = await new Promise((resolve) => { child.on("message", resolve); child.send(20); });
    console.log("fork", answer);
    const killed = spawn("sleep", ["300"]);
    const ended = new Promise((resolve) => killed.on("exit", (code, signal) => resolve([code, signal])));
    killed.kill("SIGTERM");
    console.log("kill", await ended);
    const missing = await new Promise((resolve) => spawn("/no/such/program").on("error", (error) => resolve(error.code)));
    console.log("missing", missing);
}

async function workers() {
    const shared = new SharedArrayBuffer(4);
    const count = 4;
    await Promise.all(Array.from({ length: count }, (_, number) => new Promise((resolve, reject) => {
        const worker = new Worker(__filename, { workerData: { shared, number } });
        worker.on("exit", resolve);
        worker.on("error", reject);
    })));
    console.log("workers", new Int32Array(shared)[0]);
}

async function server() {
    const listener = http.createServer((request, response) => {
        response.end(`${request.method} ${request.url} ${request.headers["user-agent"]}`);
    });
    await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const { port } = listener.address();
    const answer = await fetch(`http://127.0.0.1:${port}/path?query`, { headers: { "user-agent": "test" } });
    console.log("http", answer.status, await answer.text());
    listener.close();
    const socket = path.join(process.cwd(), "node.socket");
    const local = net.createServer((connection) => connection.pipe(connection));
    await new Promise((resolve) => local.listen(socket, resolve));
    const client = net.connect(socket);
    client.end("echoed");
    let text = "";
    for await (const part of client) text += part;
    console.log("unix socket", text);
    local.close();
}

async function files() {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "node-"));
    const seen = new Promise((resolve) => {
        const watcher = fs.watch(directory, (event, name) => { watcher.close(); resolve(`${event} ${name}`); });
    });
    fs.writeFileSync(path.join(directory, "file"), "text");
    console.log("watch", await seen);
    fs.rmSync(directory, { recursive: true });
    console.log("processors", os.availableParallelism() > 0, "user", os.userInfo().uid === process.getuid());
}

async function main() {
    await childProcesses();
    await workers();
    await server();
    await files();
}

if (!isMainThread) {
    Atomics.add(new Int32Array(workerData.shared), 0, workerData.number + 1);
} else if (process.argv[2] === "forked") {
    process.on("message", (number) => { process.send(number * 2 + 2); process.disconnect(); });
} else {
    main().catch((error) => { console.error(error); process.exitCode = 1; });
}
