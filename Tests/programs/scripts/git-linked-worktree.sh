# The workspace is a linked worktree: its repository lies elsewhere.
set -e
export GIT_AUTHOR_DATE="2024-01-02T03:04:05Z" GIT_COMMITTER_DATE="2024-01-02T03:04:05Z"
git status
echo side > side.txt
git add .
git commit -m "Commit in the linked worktree"
git commit --amend --no-edit
git tag side-1
git fetch --quiet . main:refs/heads/copy
git rebase main
git merge-base main side
git log --all --format="%h %d %s"
git rev-parse --git-dir --git-common-dir
git fsck
