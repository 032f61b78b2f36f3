"""A server that speaks as much of the Hugging Face Hub's API as models need."""

import base64
import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


class Hub:
    """Repositories, each a list of commits: (hash, {path: content})."""

    def __init__(self):
        self.repositories = {}
        self.objects = {}
        self.requests = []
        self.announced = None  # bytes that files are said to have
        self.url = None

    def commit(self, name, files):
        """Add a commit, and return its hash."""
        commits = self.repositories[name]
        files = {**(commits[-1][1] if commits else {}), **files}
        oid = hashlib.sha1(f"{name} {len(commits)}".encode()).hexdigest()
        commits.append((oid, files))
        return oid

    def find(self, name, revision):
        """Return the hash and the files of a revision, or None."""
        commits = self.repositories.get(name, [])
        if revision == "main":
            return commits[-1] if commits else None
        return next((commit for commit in commits if commit[0] == revision), None)


@contextmanager
def serving():
    """Serve an empty Hub."""
    hub = Hub()

    class Handler(_Handler):
        pass

    Handler.hub = hub
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def _read(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        content = b""
        while size := int(self.rfile.readline(), 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return content

    def _answer(self, content, status=200, **headers):
        if isinstance(content, dict | list):
            content = json.dumps(content).encode()
        self.send_response(status)
        headers.setdefault("Content-Length", len(content))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def do_POST(self):
        body = self._read()
        self.hub.requests.append(f"POST {self.path}")
        token = self.headers.get("Authorization")
        if token != "Bearer hf_test":
            self._answer({"error": "unauthorized"}, 401)
        elif self.path == "/api/repos/create":
            self._create(json.loads(body))
        elif self.path == "/api/validate-yaml":
            self._answer({"errors": [], "warnings": []})
        elif "/preupload/" in self.path:
            self._answer(
                {
                    "files": [
                        {
                            "path": file["path"],
                            "uploadMode": "regular"
                            if file["path"].endswith(".md")
                            else "lfs",
                            "shouldIgnore": False,
                        }
                        for file in json.loads(body)["files"]
                    ]
                }
            )
        elif self.path.endswith("/info/lfs/objects/batch"):
            self._batch(json.loads(body))
        else:
            self._commit(body)

    def _create(self, wanted):
        name = "/".join(filter(None, (wanted.get("organization"), wanted["name"])))
        if name in self.hub.repositories:
            self._answer({"url": f"{self.hub.url}/{name}"}, 409)
        else:
            self.hub.repositories[name] = []
            self._answer({"url": f"{self.hub.url}/{name}"})

    def _batch(self, wanted):
        self._answer(
            {
                "transfer": "basic",
                "objects": [
                    {
                        **one,
                        "actions": {
                            "upload": {"href": f"{self.hub.url}/objects/{one['oid']}"}
                        },
                    }
                    for one in wanted["objects"]
                ],
            }
        )

    def _commit(self, body):
        name = self.path.removeprefix("/api/models/").partition("/commit/")[0]
        files = {}
        for line in body.splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                files[value["path"]] = self.hub.objects[value["oid"]]
        oid = self.hub.commit(name, files)
        self._answer(
            {
                "success": True,
                "commitOid": oid,
                "commitUrl": f"{self.hub.url}/{name}/commit/{oid}",
            }
        )

    def do_PUT(self):
        content = self._read()
        self.hub.objects[hashlib.sha256(content).hexdigest()] = content
        self._answer(b"")

    def do_GET(self):
        self.hub.requests.append(f"{self.command} {self.path}")
        name, _, rest = unquote(self.path)[1:].partition("/resolve/")
        revision, _, path = rest.partition("/")
        commit = self.hub.find(name, revision)
        if name not in self.hub.repositories:
            self._answer(b"", 404, X_Error_Code="RepoNotFound")
        elif commit is None:
            self._answer(b"", 404, X_Error_Code="RevisionNotFound")
        elif path not in commit[1]:
            self._answer(b"", 404, X_Error_Code="EntryNotFound")
        else:
            content = commit[1][path]
            more = {}
            if self.hub.announced is not None:
                more = {"X_Linked_Size": self.hub.announced}
            digest = hashlib.sha256(content).hexdigest()
            self._answer(content, X_Repo_Commit=commit[0], ETag=f'"{digest}"', **more)

    do_HEAD = do_GET
