# The day of somebody who works with git, in a repository that has one commit.
set -e
export GIT_AUTHOR_DATE="2024-01-02T03:04:05Z" GIT_COMMITTER_DATE="2024-01-02T03:04:05Z"
git status
echo two > second.txt
mkdir -p deep/er && echo three > deep/er/third.txt
git status --porcelain
git add .
git status --short
git commit -m "Add two files"
git mv second.txt renamed.txt
git commit -am "Rename one"
git log --stat --format="%h %s"
git show HEAD:renamed.txt

echo "-- stash"
echo changed >> first.txt
git stash
git status --short
git stash pop
git stash push -m "kept" && git stash list && git stash drop

echo "-- rebase"
git checkout -b topic HEAD~1
echo topic > topic.txt && git add topic.txt && git commit -m "Work on a topic"
git rebase main
git log --format="%h %s" --graph
git checkout main
git merge --no-edit --no-ff topic
git branch -d topic
git tag -a v1 -m "One"
git describe

echo "-- conflict"
git checkout -b left && echo left > first.txt && git commit -am "Left"
git checkout -b right main && echo right > first.txt && git commit -am "Right"
git rebase left || git rebase --abort
git cherry-pick left || { git checkout --theirs first.txt && git add first.txt && git -c core.editor=true cherry-pick --continue; }
git checkout main

echo "-- bisect"
for number in 1 2 3 4 5 6; do
    echo $number > counter.txt && git add counter.txt && git commit -q -m "Count $number"
done
git bisect start HEAD HEAD~6
git bisect run sh -c 'test "$(cat counter.txt)" -lt 4'
git bisect reset

echo "-- maintenance"
git pack-refs --all
cat .git/packed-refs
git gc
git count-objects -v | grep -v "^size"
git repack -a -d -q
git prune
git reflog expire --expire=now --all
git fsck --full --strict
git for-each-ref
git clean -nd
git archive HEAD | tar -t
git apply --check /dev/null || true
git grep -n three
git blame -s first.txt
git worktree list --porcelain | grep -v ^worktree
