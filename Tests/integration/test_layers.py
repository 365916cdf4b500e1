"""Which layers are in force, read from inside."""

import os

from support.sandbox import is_root


def test_every_layer_is_in_force(sandbox, control, report_layers):
    """Each is seen by its effect: other namespaces, one Landlock domain fewer to stack, a filter that
    counts."""
    outside_names, outside_fit = control.succeeds(["namespaces"], ["landlock_layers"])
    acts = [["namespaces"], ["landlock_layers"], ["landlock_abi"], ["status_of", "self"]]
    names, fit, abi, status = (outcome.value for outcome in sandbox.attempt(*acts))
    own = sorted(
        name
        for name in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")
        if names[name] != outside_names[name]
    )
    domains = outside_fit - fit
    report_layers(
        [
            f"run by {'root' if is_root() else 'an ordinary user'} (uid {os.getuid()})",
            f"on Linux {os.uname().release}",
            f"namespaces of its own: {', '.join(own)}",
            f"Landlock: ABI {abi}, {domains} domain(s) in force",
            f"seccomp: mode {status['Seccomp']}, {status['Seccomp_filters']} filter(s)",
            f"no_new_privs: {status['NoNewPrivs']}",
        ]
    )
    assert len(own) == 7
    assert domains >= 1
    assert status["Seccomp"] == "2" and int(status["Seccomp_filters"]) >= 1
