set -e
go vet ./...
go test -count=1 ./... > test.log
go build -o greeting .
