# A database of its own: made, started on a socket in /tmp, used, and stopped.
set -e
PATH=$(ls -d /usr/lib/postgresql/*/bin | tail -1):$PATH
initdb --pgdata=data --username=tester --auth=trust --locale=C --encoding=UTF8 --no-sync > initdb.log
printf "listen_addresses = 'localhost'\nport = 54999\nunix_socket_directories = '/tmp'\nfsync = off\n" >> data/postgresql.conf
trap 'pg_ctl --pgdata=data --silent --mode=fast stop' EXIT
pg_ctl --pgdata=data --silent --log=server.log --wait start || { cat server.log >&2; exit 1; }
for host in /tmp localhost; do
    psql --host=$host --port=54999 --username=tester --dbname=postgres --no-psqlrc --quiet --set=ON_ERROR_STOP=1 <<'SQL'
drop table if exists numbers;
create table numbers (number int primary key, name text);
insert into numbers select number, 'name ' || number from generate_series(1, 1000) number;
create index on numbers (name);
begin; delete from numbers where number > 10; rollback;
select count(*), sum(number), max(name) from numbers;
set max_parallel_workers_per_gather = 2; set parallel_setup_cost = 0; set min_parallel_table_scan_size = 0;
select count(*) from numbers where number % 7 = 0;
vacuum analyze numbers;
SQL
done
