# A package installed from a tarball beside the project, its script run, and the project's own test.
set -e
npm install --offline --no-audit --no-fund --silent ./greeting-1.0.0.tgz
npm test --silent
npm ls --silent
