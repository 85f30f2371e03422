"""The Pod Security Standards, control by control: what the controls' rules say together, against what admission does.

Each case names the controls that it breaks, by hand from the standard's tables; all others must hold. Source:
https://kubernetes.io/docs/concepts/security/pod-security-standards/ (2026-11)
"""

from collections.abc import Callable, Sequence

import pytest

from compliance_scan.evaluate import evaluate
from compliance_scan.frameworks import Frameworks
from compliance_scan.model.framework import Control
from compliance_scan.model.rule import instance_of
from compliance_scan.ruleset import Ruleset
from compliance_scan.shape.world import World

GOOD = "allowPrivilegeEscalation: false, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}"
DROP = "capabilities: {drop: [ALL]}"
NOTHING: frozenset[str] = frozenset()
ROOT = {"restricted/run-as-nonroot"}


def pod(
    security: str = f"{GOOD}, {DROP}", *, own: str = "", container: str = "", more: str = "", annotations: str = ""
) -> str:
    """A pod; `own`: its security context, `container`: more fields of the container, `more`: of the pod."""
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a, namespace: b, annotations: {{{annotations}}}}}\nspec:\n"
        f"  securityContext: {{{own}}}\n"
        f"  containers: [{{name: app, image: 'a:1', securityContext: {{{security}}}{container and f', {container}'}}}]\n"
        + (f"  {more}\n" if more else "")
    )


def added(kind: str, security: str) -> str:
    """A good pod with another container."""
    return pod(more=f"{kind}: [{{name: other, image: 'a:1', securityContext: {{{security}}}}}]")


def cap(*names: str) -> str:
    return f"{GOOD}, capabilities: {{drop: [ALL], add: [{', '.join(names)}]}}"


CASES = {
    "good": (pod(), NOTHING),
    "empty": (
        pod(""),
        {
            "restricted/privilege-escalation",
            "restricted/run-as-nonroot",
            "restricted/seccomp",
            "restricted/capabilities",
        },
    ),
    "host pid": (pod(more="hostPID: true"), {"baseline/host-namespaces"}),
    "host ipc": (pod(more="hostIPC: true"), {"baseline/host-namespaces"}),
    "host network": (pod(more="hostNetwork: true"), {"baseline/host-namespaces"}),
    "privileged": (pod(f"{GOOD}, {DROP}, privileged: true"), {"baseline/privileged"}),
    "privileged init": (added("initContainers", f"{GOOD}, {DROP}, privileged: true"), {"baseline/privileged"}),
    "privileged ephemeral": (
        added("ephemeralContainers", f"{GOOD}, {DROP}, privileged: true"),
        {"baseline/privileged"},
    ),
    "NET_BIND_SERVICE": (pod(cap("NET_BIND_SERVICE")), NOTHING),
    "CHOWN": (pod(cap("CHOWN")), {"restricted/capabilities"}),
    "NET_RAW": (pod(cap("NET_RAW")), {"baseline/capabilities", "restricted/capabilities"}),
    "CAP_CHOWN": (pod(cap("CAP_CHOWN")), {"baseline/capabilities", "restricted/capabilities"}),
    "not all dropped": (pod(f"{GOOD}, capabilities: {{drop: [KILL]}}"), {"restricted/capabilities"}),
    "dropped init not": (added("initContainers", GOOD), {"restricted/capabilities"}),
    "host path": (
        pod(more="volumes: [{name: v, hostPath: {path: /x}}]"),
        {"baseline/hostpath", "restricted/volume-types"},
    ),
    "nfs": (pod(more="volumes: [{name: v, nfs: {server: a, path: /}}]"), {"restricted/volume-types"}),
    "core volumes": (
        pod(
            more="volumes: [{name: a, configMap: {name: a}}, {name: b, csi: {driver: x}}, {name: c, downwardAPI: {}}, "
            "{name: d, emptyDir: {}}, {name: e, ephemeral: {}}, {name: f, persistentVolumeClaim: {claimName: a}}, "
            "{name: g, projected: {sources: []}}, {name: h, secret: {secretName: a}}]"
        ),
        NOTHING,
    ),
    "host port": (pod(container="ports: [{containerPort: 1, hostPort: 80}]"), {"baseline/host-ports"}),
    "host port 0": (pod(container="ports: [{containerPort: 1, hostPort: 0}]"), NOTHING),
    "probe of another host": (
        pod(container="livenessProbe: {httpGet: {port: 80, host: 10.0.0.1}}"),
        {"baseline/host-probes"},
    ),
    "start hook to another host": (
        pod(container="lifecycle: {postStart: {tcpSocket: {port: 80, host: 10.0.0.1}}}"),
        {"baseline/host-probes"},
    ),
    "stop hook to another host": (
        pod(container="lifecycle: {preStop: {httpGet: {port: 80, host: localhost}}}"),
        {"baseline/host-probes"},
    ),
    "probe of no host": (pod(container="startupProbe: {tcpSocket: {port: 80, host: ''}}"), NOTHING),
    "apparmor localhost": (pod(f"{GOOD}, {DROP}, appArmorProfile: {{type: Localhost, localhostProfile: x}}"), NOTHING),
    "apparmor off": (pod(f"{GOOD}, {DROP}, appArmorProfile: {{type: Unconfined}}"), {"baseline/apparmor"}),
    "apparmor off for the pod": (
        pod(f"{GOOD}, {DROP}, appArmorProfile: {{type: RuntimeDefault}}", own="appArmorProfile: {type: Unconfined}"),
        {"baseline/apparmor"},
    ),
    "apparmor off by annotation": (
        pod(annotations="container.apparmor.security.beta.kubernetes.io/app: unconfined"),
        {"baseline/apparmor"},
    ),
    "apparmor by annotation": (
        pod(annotations="container.apparmor.security.beta.kubernetes.io/app: localhost/x"),
        NOTHING,
    ),
    "selinux type": (pod(f"{GOOD}, {DROP}, seLinuxOptions: {{type: spc_t}}"), {"baseline/selinux"}),
    "selinux type for the pod": (
        pod(f"{GOOD}, {DROP}, seLinuxOptions: {{type: container_t}}", own="seLinuxOptions: {type: spc_t}"),
        {"baseline/selinux"},
    ),
    "selinux user": (pod(own="seLinuxOptions: {user: a}"), {"baseline/selinux"}),
    "selinux role": (pod(own="seLinuxOptions: {role: a}"), {"baseline/selinux"}),
    "selinux level": (pod(own="seLinuxOptions: {level: 's0:c1', type: container_engine_t}"), NOTHING),
    "proc": (pod(f"{GOOD}, {DROP}, procMount: Unmasked"), {"baseline/proc-mount"}),
    "proc default": (pod(f"{GOOD}, {DROP}, procMount: Default"), NOTHING),
    "seccomp off": (
        pod(f"{GOOD.replace('RuntimeDefault', 'Unconfined')}, {DROP}"),
        {"baseline/seccomp", "restricted/seccomp"},
    ),
    "seccomp off for the pod": (pod(own="seccompProfile: {type: Unconfined}"), {"baseline/seccomp"}),
    "seccomp off in an ephemeral one": (
        added("ephemeralContainers", f"{GOOD.replace('RuntimeDefault', 'Unconfined')}, {DROP}"),
        {"baseline/seccomp", "restricted/seccomp"},
    ),
    "seccomp by the pod": (
        pod(
            f"allowPrivilegeEscalation: false, runAsNonRoot: true, {DROP}",
            own="seccompProfile: {type: Localhost, localhostProfile: x}",
        ),
        NOTHING,
    ),
    "safe sysctl": (pod(own="sysctls: [{name: net.ipv4.tcp_fin_timeout, value: '1'}]"), NOTHING),
    "unsafe sysctl": (pod(own="sysctls: [{name: kernel.msgmax, value: '1'}]"), {"baseline/sysctls"}),
    "escalation": (
        pod(f"{GOOD.replace('false', 'true')}, {DROP}"),
        {"restricted/privilege-escalation"},
    ),
    "root allowed": (pod(f"{GOOD.replace('runAsNonRoot: true', 'runAsNonRoot: false')}, {DROP}"), ROOT),
    "root allowed by the pod alone": (pod(own="runAsNonRoot: false"), ROOT),
    "not root by the pod": (
        pod(f"{GOOD.replace('runAsNonRoot: true, ', '')}, {DROP}", own="runAsNonRoot: true"),
        NOTHING,
    ),
    "user 0": (pod(f"{GOOD}, {DROP}, runAsUser: 0"), {"restricted/run-as-user"}),
    "user 0 of the pod": (pod(f"{GOOD}, {DROP}, runAsUser: 1", own="runAsUser: 0"), {"restricted/run-as-user"}),
    "user 0 of an ephemeral one": (
        added("ephemeralContainers", f"{GOOD}, {DROP}, runAsUser: 0"),
        {"restricted/run-as-user"},
    ),
    "host process": (
        pod(f"{GOOD}, {DROP}, windowsOptions: {{hostProcess: true}}"),
        {"baseline/host-process"},
    ),
    "host process of the pod": (pod(own="windowsOptions: {hostProcess: true}"), {"baseline/host-process"}),
    "windows": (pod("runAsNonRoot: true", more="os: {name: windows}"), NOTHING),
    "windows as root": (pod("", more="os: {name: windows}"), ROOT),
    "linux by name": (
        pod("runAsNonRoot: true", more="os: {name: linux}"),
        {"restricted/privilege-escalation", "restricted/seccomp", "restricted/capabilities"},
    ),
}


def controls() -> Sequence[Control]:
    return Frameworks.open().show("pss", {rule.id: rule.objectives for rule in Ruleset.open().all()})


@pytest.mark.parametrize("name", CASES)
def test_the_rules_of_a_control_fail_where_admission_refuses(
    name: str, world: Callable[[str | dict[str, str | bytes]], World]
) -> None:
    text, expected = CASES[name]
    ruleset = Ruleset.open()
    broken = set()
    for control in controls():
        found = evaluate([instance_of(ruleset.rule(rule)) for rule in control.rules], world(text))
        verdicts = {finding.verdict for finding in found}
        assert verdicts <= {"pass", "fail", "not_applicable"}
        if "fail" in verdicts:
            broken.add(control.id)
    assert broken == set(expected)


def test_every_control_of_the_standards_is_broken_by_a_case() -> None:
    assert {control.id for control in controls()} == {each for _text, broken in CASES.values() for each in broken}
