# A virtual environment, a package from an index of files, and its command.
set -e
python3 -m venv environment
environment/bin/pip install --quiet --index-url "file://$PWD/index" greeting
environment/bin/pip list > list
environment/bin/python -c 'import greeting; print(greeting.word)'
environment/bin/greet
