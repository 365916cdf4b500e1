# What a shell script calls all day long.
set -e
perl -MPOSIX -MFile::Temp -MSocket -e 'print ((getpwuid($<))[7], strftime("%Y", localtime), "\n"); print scalar(<STDIN> // "")' < /dev/null > out
printf 'three\nlines\nhere\n' > text
vim -es -u NONE -c '%s/lines/words/' -c 'wq' text
vim -es -c '%s/words/lines/' -c 'wq' text
less text > out
man --where bash > out 2>&1 || true
man -P cat ls > out 2> /dev/null || true
curl --version > out
curl --silent --max-time 5 "file://$PWD/text" > out
curl --silent --max-time 5 http://127.0.0.1:1/ || true
ssh -V 2> out
ssh -G localhost > out
make --version > out
bash -i -c 'echo started' > out 2> error < /dev/null
bash -l -c 'echo started' > out
printf 'a b\n' | awk '{print $2}' | sed s/b/c/ | grep -q c
find . -name text | xargs wc -l | sort > out
tar -cf - text | gzip | gunzip | tar -xf -
cp -a text copy && mv copy moved && rm moved && ln -s text link && readlink -f link > out
id > out && whoami > out && hostname > out && uname -a > out && date > out && df . > out && ps ax > out
ls -la . / /usr > out
which python3 gcc no-such-program > out || true
command -v no-such-program || true
no-such-program 2> /dev/null || true
getent passwd root > out
getent ahosts localhost > out
env > out
diff text text
mktemp > out
locale -a > out
stat . / /etc /usr > out
openssl version > out || true
