# A submodule that is there, and whose superproject wants another commit of it.
set -e
git submodule status
git -C library fetch --quiet
git -C library checkout --quiet "$(git rev-parse HEAD:library)"
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
