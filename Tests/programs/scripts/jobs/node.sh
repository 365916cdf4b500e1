# A program with child processes, workers, HTTP and sockets.
set -e
node node-all.js > output
