# A clone, some commits, what is asked of them, and the housekeeping.
set -e
git init --quiet --bare origin.git
git clone --quiet origin.git copy 2>/dev/null
cd copy
for number in 1 2 3; do
    echo "$number" >> file
    git add file
    git commit --quiet --message "Change $number"
done
git push --quiet origin HEAD:main
git log --oneline --stat > ../log
git status --short --branch > ../status
git diff HEAD~2 > ../diff
git checkout --quiet -b topic HEAD~1
git merge --quiet main@{0} 2>/dev/null || git merge --quiet origin/main
git stash list
git blame file > ../blame
git gc --quiet
git fsck --no-progress
cd .. && rm -rf copy origin.git log status diff blame
