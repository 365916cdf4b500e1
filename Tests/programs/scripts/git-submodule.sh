# A superproject whose submodules are registered, but not there yet.
set -e
git submodule status
git -c protocol.file.allow=always submodule update
git submodule status
cat library/file.txt
git submodule foreach --quiet 'git log --format="%h %s"'
git status
cd library
export GIT_AUTHOR_DATE="2024-01-02T03:04:05Z" GIT_COMMITTER_DATE="2024-01-02T03:04:05Z"
echo more > file.txt
git commit -am "Change the library"
cd ..
git diff --submodule=log
git commit -am "Take the changed library"
