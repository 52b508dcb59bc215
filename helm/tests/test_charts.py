"""What must hold of every chart, whatever its values."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from arena_local.layout import SERVICES
from conftest import CHARTS, EVERYTHING, PARTS, WITH_KEDA, Helm, Objects

ONE_NODE = {"replicas": 1, "networkPolicy": {"enabled": False}}
VALUE_SETS = {"defaults": {}, "one node": ONE_NODE, "everything": EVERYTHING, "KEDA": WITH_KEDA}


def values_of(chart: str) -> dict[str, Any]:
    return yaml.safe_load((CHARTS / chart / "values.yaml").read_text())


def one(objects: Objects, kind: str) -> dict[str, Any]:
    (found,) = [o for o in objects if o["kind"] == kind]
    return found


def pod_of(objects: Objects) -> dict[str, Any]:
    return one(objects, "Deployment")["spec"]["template"]["spec"]


def test_there_is_a_chart_for_every_part():
    assert {service.name for service in SERVICES} | {"executor"} == set(PARTS)
    umbrella = yaml.safe_load((CHARTS / "arena" / "Chart.yaml").read_text())
    assert {dependency["name"] for dependency in umbrella["dependencies"]} == set(PARTS)


@pytest.mark.parametrize("chart", [*PARTS, "arena", "kafka"])
def test_a_chart_lints(helm: Helm, chart: str):
    done = helm.run("lint", "--strict", "--quiet", chart)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("values", VALUE_SETS.values(), ids=VALUE_SETS)
@pytest.mark.parametrize("chart", PARTS)
def test_the_api_server_would_take_it(helm: Helm, conform, chart: str, values: dict[str, Any]):
    assert conform(helm.render(chart, values)) == ""


def test_the_umbrella_is_the_sum_of_its_charts(helm: Helm, conform):
    objects = helm.render("arena")

    assert conform(objects) == ""
    deployments = {o["metadata"]["name"] for o in objects if o["kind"] == "Deployment"}
    assert deployments == set(PARTS)


def test_a_field_that_the_api_does_not_know_is_found(helm: Helm, conform):
    objects = helm.render("gateway")
    pod_of(objects)["containers"][0]["readynessProbe"] = {}

    assert "readynessProbe" in conform(objects)


@pytest.mark.parametrize("chart", [*PARTS, "kafka"])
def test_values_that_are_none_are_refused(helm: Helm, chart: str):
    done = helm.run("template", "arena", chart, "--set", "nonsense=1")
    assert done.returncode != 0
    assert "nonsense" in done.stderr


@pytest.mark.parametrize("values", VALUE_SETS.values(), ids=VALUE_SETS)
@pytest.mark.parametrize("chart", PARTS)
def test_a_pod_has_no_privilege(helm: Helm, chart: str, values: dict[str, Any]):
    pod = pod_of(helm.render(chart, values))

    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert "hostNetwork" not in pod
    for container in pod["containers"]:
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False
        assert security["readOnlyRootFilesystem"] is True
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert "privileged" not in security
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"]["cpu"]
        assert {"livenessProbe", "readinessProbe"} <= container.keys()
    # Only where strangers' code is played or built may the profile be another one, and shipped.
    sandboxed = chart in ("build-service", "executor")
    profile = pod["securityContext"]["seccompProfile"]["type"]
    assert profile == ("Localhost" if sandboxed else "RuntimeDefault")
    unmasked = [c["securityContext"].get("procMount") == "Unmasked" for c in pod["containers"]]
    assert unmasked == [sandboxed]
    # A cluster refuses the one without the other.
    assert pod.get("hostUsers", True) is not sandboxed


@pytest.mark.parametrize("chart", PARTS)
def test_secrets_come_by_reference(helm: Helm, chart: str):
    (container,) = pod_of(helm.render(chart))["containers"]
    by_reference = {v["name"] for v in container["env"] if "valueFrom" in v}
    assert by_reference == set(values_of(chart)["secretEnv"])
    plain = " ".join(v["name"] for v in container["env"] if "value" in v)
    assert not re.search("PASSWORD|SECRET|TOKEN|UPLOAD_KEY", plain)


@pytest.mark.parametrize("chart", PARTS)
def test_lines_of_the_log_are_objects_and_nothing_is_traced_by_default(helm: Helm, chart: str):
    settings = settings_of(pod_of(helm.render(chart)))
    assert settings["ARENA_LOG_FORMAT"] == "json"
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" not in settings


@pytest.mark.parametrize("chart", PARTS)
@pytest.mark.parametrize(
    ("endpoint", "port"),
    [("http://collector.monitoring:9318", 9318), ("https://otlp.example", 4318)],
)
def test_spans_go_to_the_collector_that_is_named(helm: Helm, chart: str, endpoint: str, port: int):
    telemetry = {"endpoint": endpoint, "ratio": 0.25, "logFormat": "text"}
    objects = helm.render(chart, {"global": {"telemetry": telemetry}})

    settings = settings_of(pod_of(objects))
    assert settings["OTEL_EXPORTER_OTLP_ENDPOINT"] == endpoint
    assert settings["OTEL_TRACES_SAMPLER_ARG"] == "0.25"
    assert settings["ARENA_LOG_FORMAT"] == "text"
    exits = one(objects, "NetworkPolicy")["spec"]["egress"]
    assert {"ports": [{"protocol": "TCP", "port": port}]} in exits


def settings_of(pod: dict[str, Any]) -> dict[str, str]:
    """What the container is told in plain words."""
    (container,) = pod["containers"]
    return {v["name"]: v["value"] for v in container["env"] if "value" in v}


@pytest.mark.parametrize("chart", PARTS)
def test_who_is_called_lets_the_caller_in(chart: str):
    for other in values_of(chart)["calls"]:
        callers = values_of(other).get("callers")
        assert callers is None or chart in callers, f"{other} does not let {chart} in"
    for caller in values_of(chart).get("callers", []):
        assert chart in values_of(caller)["calls"], f"{caller} may not call {chart}"


@pytest.mark.parametrize("chart", PARTS)
def test_addresses_in_settings_may_be_called(chart: str):
    values = values_of(chart)
    ports = {values_of(part)["port"]: part for part in PARTS}
    for name, value in values["env"].items():
        host, _, port = str(value).removeprefix("http://").partition(":")
        # What match-service calls itself there is for executors to upload to.
        if host in PARTS and port and name != "ARENA_MATCH_UPLOAD_BASE_URL":
            assert host in values["calls"], f"{name} of {chart} names {host}"
            assert ports[int(port.split("/")[0])] == host


def test_a_network_policy_names_both_directions(helm: Helm):
    policy = one(helm.render("rating-service", EVERYTHING), "NetworkPolicy")["spec"]

    (entrance,) = policy["ingress"]
    assert entrance["ports"] == [{"protocol": "TCP", "port": 8087}]
    gateway = {"app.kubernetes.io/name": "gateway", "app.kubernetes.io/instance": "arena"}
    monitoring = {"kubernetes.io/metadata.name": "monitoring"}
    assert entrance["from"] == [
        {"podSelector": {"matchLabels": gateway}},
        {"namespaceSelector": {"matchLabels": monitoring}},
    ]
    dns, called = policy["egress"][:2]
    assert {port["port"] for port in dns["ports"]} == {53}
    labels = [peer["podSelector"]["matchLabels"] for peer in called["to"]]
    assert [label["app.kubernetes.io/name"] for label in labels] == ["auth-service"]


def test_strangers_code_reaches_nothing_outside(helm: Helm):
    policy = one(helm.render("executor"), "NetworkPolicy")["spec"]

    reached = [peer for rule in policy["egress"] for peer in rule.get("to", [])]
    names = [peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"] for peer in reached]
    assert names == ["match-service"]
    assert [rule for rule in policy["egress"] if "to" not in rule] == [
        {"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}
    ]


@pytest.mark.parametrize("seconds", [0, 300])
def test_a_pod_waits_for_the_matches_it_plays(helm: Helm, seconds: int):
    pod = pod_of(helm.render("executor", {"drainSeconds": seconds}))

    assert settings_of(pod)["ARENA_EXECUTOR_DRAIN_SECONDS"] == str(seconds)
    assert pod["terminationGracePeriodSeconds"] > seconds


def test_the_gateway_is_open_to_everybody(helm: Helm):
    policy = one(helm.render("gateway"), "NetworkPolicy")["spec"]
    assert "from" not in policy["ingress"][0]


def test_an_autoscaler_takes_the_place_of_replicas(helm: Helm):
    fixed = helm.render("match-service", {"replicas": 2})
    scaled = helm.render("match-service", {"autoscaling": {"enabled": True}})
    by_lag = helm.render("match-service", WITH_KEDA)

    assert one(fixed, "Deployment")["spec"]["replicas"] == 2
    assert "replicas" not in one(scaled, "Deployment")["spec"]
    scaler = one(scaled, "HorizontalPodAutoscaler")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 6)
    assert scaler["scaleTargetRef"]["name"] == "match-service"
    triggers = one(by_lag, "ScaledObject")["spec"]["triggers"]
    assert [trigger["type"] for trigger in triggers] == ["cpu", "kafka"]
    assert triggers[1]["metadata"]["consumerGroup"] == "match-service.match-requested"
    assert not [o for o in by_lag if o["kind"] == "HorizontalPodAutoscaler"]


@pytest.mark.parametrize("service", [service.name for service in SERVICES])
def test_the_lag_is_that_of_a_reader_there_is(service: str):
    contract = yaml.safe_load((CHARTS / "kafka" / "asyncapi.yaml").read_text())
    for entry in values_of(service)["autoscaling"]["lag"]:
        assert service in contract["channels"][entry["topic"]]["x-readers"]
        assert entry["group"].startswith(service)


def test_the_way_in_is_an_ingress_or_a_route(helm: Helm):
    closed = helm.render("gateway")
    opened = helm.render("gateway", EVERYTHING)

    assert not [o for o in closed if o["kind"] in ("Ingress", "HTTPRoute")]
    ingress = one(opened, "Ingress")["spec"]
    assert ingress["tls"] == [{"hosts": ["arena.example.org"], "secretName": "arena-certificate"}]
    backend = ingress["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": "gateway", "port": {"name": "http"}}
    route = one(opened, "HTTPRoute")["spec"]
    assert route["parentRefs"] == [{"name": "edge"}]
    assert route["rules"][0]["backendRefs"] == [{"name": "gateway", "port": 8080}]


def test_what_an_option_needs_is_asked_for(helm: Helm):
    for option, missing in (
        ("httpRoute.enabled=true", "httpRoute.gateway"),
        ("ingress.enabled=true,ingress.tlsSecret=x", "ingress.host"),
    ):
        done = helm.run("template", "arena", "gateway", "--set", option)
        assert done.returncode != 0
        assert missing in done.stderr
