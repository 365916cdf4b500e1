// What Node.js has of its own: https.
require("node:https").get(process.argv[2], (answer) => {
    let text = "";
    answer.on("data", (part) => { text += part; });
    answer.on("end", () => console.log(answer.statusCode, JSON.parse(text).path));
});
