set -e
swift build --jobs 2 > build.log 2>&1 || { cat build.log; exit 1; }
swift test --jobs 2 > test.log 2>&1 || { cat test.log; exit 1; }
