// What Node.js has of its own: fetch.
const answer = await fetch(process.argv[2]);
console.log(answer.status, JSON.parse(await answer.text()).path);
