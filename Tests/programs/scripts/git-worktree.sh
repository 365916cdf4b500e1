# Worktrees that lie in the workspace itself.
set -e
export GIT_AUTHOR_DATE="2024-01-02T03:04:05Z" GIT_COMMITTER_DATE="2024-01-02T03:04:05Z"
git worktree add --quiet -b side trees/side
cd trees/side
git status
echo side > side.txt
git add side.txt
git commit -m "Commit in a worktree"
git rev-parse --show-toplevel --git-dir --git-common-dir
cd ../..
git merge side
git worktree add --detach trees/detached HEAD~1
git worktree lock trees/detached
git worktree list
git worktree unlock trees/detached
git worktree remove trees/detached
git worktree move trees/side trees/moved
git worktree remove trees/moved
git worktree prune
git branch -d side
git log --format="%h %s"
