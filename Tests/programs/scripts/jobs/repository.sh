# Somebody's repository is cloned and its own tests are run.
set -e
git clone --quiet pflag clone
cd clone
go test -vet=off -count=1 ./... > ../test.log
git status --short
