"""As Walk.java: walk.py <address> <file of the key> <consent>."""

import json
import subprocess
import sys

from nexus_client import (
    ApiClient,
    ApiException,
    Configuration,
    ConnectApi,
    ConnectSessionRequest,
    CredentialsApi,
    RejectionRequest,
    TokensApi,
)


def check(right, found):
    if not right:
        raise AssertionError(found)


def main(address, key_file, consent):
    with open(key_file) as file:
        key = file.read().strip()
    client = ApiClient(Configuration(host=address, access_token=key))
    connect, credentials, tokens = ConnectApi(client), CredentialsApi(client), TokensApi(client)
    account = {"provider": "sandbox", "user": "python@example.com"}

    session = connect.create_connect_session(ConnectSessionRequest(**account))
    subprocess.run([consent, session.url], check=True)
    session = connect.get_connect_session(session.id)
    check(session.status == "connected", session)

    first = tokens.get_token(**account, min_ttl=30, max_wait=10)
    check(first.credential_id == session.credential_id and first.expires_in > 30, first)
    second = tokens.report_rejected_token(first.credential_id, RejectionRequest(version=first.version))
    check(second.version > first.version and second.access_token != first.access_token, "the token is new")

    listed = credentials.list_credentials(**account, status="active", limit=10)
    check(len(listed.items) == 1, listed)
    revoked = credentials.revoke_credential(first.credential_id)
    check(revoked.at_provider == "revoked", revoked)
    try:
        tokens.get_token(**account)
        check(False, "a revoked credential has no token")
    except ApiException as failure:
        problem = json.loads(failure.body)
        check(failure.status == 410 and problem["revoked_at"], problem)
    print("python: done")


main(*sys.argv[1:])
