# stack: a WSGI application that keeps one number in Redis and names in
# PostgreSQL.
import psycopg2
import redis


def application (environ, start_response):
    counter = redis.Redis ()
    names = psycopg2.connect ("dbname=stack")
    names.autocommit = True
    cursor = names.cursor ()
    what, _, who = environ["PATH_INFO"].strip ("/").partition ("/")
    if what == "visit":
        cursor.execute ("INSERT INTO visits VALUES (%s)", (who,))
        counter.set ("seen:" + who, "1")
        text = "ok"
    elif what == "seen":
        cursor.execute ("SELECT count(*) FROM visits WHERE who = %s", (who,))
        in_both = cursor.fetchone ()[0] > 0 and counter.get ("seen:" + who) is not None
        text = "yes" if in_both else "no"
    else:
        cursor.execute ("SELECT count(*) FROM visits")
        text = f"redis {counter.incr ('count')} postgresql {cursor.fetchone ()[0]}"
    names.close ()
    start_response ("200 OK", [("Content-Type", "text/plain")])
    return [text.encode () + b"\n"]
