# A clone whose remote has gone on: one branch new, one gone, one longer. $remote is the remote's path.
set -e
git fetch --prune --quiet origin
git for-each-ref --format="%(refname) %(objectname:short) %(contents:subject)"
git checkout --quiet new
git log --format="%h %s"
git checkout main
git merge --quiet --ff-only origin/main
git log --format="%h %s"
git ls-remote --heads origin
