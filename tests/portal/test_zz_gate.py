import warnings
from tests.access.routes import routes
from tests.support.signing import sign_in
from tests.access.conftest import city
import gc, pytest


def test_gate(app, city, client):
    for r in routes(app):
        sign_in(client, "shui")
        a = client.open(r.address(app), method=r.method)
        t = a.status_code
        del a
        with warnings.catch_warnings(record=True) as w:
            warnings.simplefilter("always")
            gc.collect()
            if w:
                print(r.name, t, [str(x.message) for x in w])
