"""The SQL that themes, their versions and their publications are kept by."""

PLACE = "shop_id = :shop_id AND id = :id"
OF_THEME = "shop_id = :shop_id AND theme_id = :theme_id"
COLUMNS = """t.shop_id, t.id, t.name, t.status, t.version, t.revision, t.created_at, t.updated_at, t.reason,
    CASE WHEN c.theme_id = t.id THEN 1 ELSE 0 END"""
THEMES = f"""
    SELECT {COLUMNS} FROM themes t LEFT JOIN current_theme c ON c.shop_id = t.shop_id
    WHERE t.shop_id = :shop_id
"""
LIST = f"{THEMES} ORDER BY t.created_at, t.id"
FIND = f"{THEMES} AND t.id = :id"
COUNT = "SELECT count(*) FROM themes WHERE shop_id = :shop_id"
CURRENT = "SELECT theme_id, publication FROM current_theme WHERE shop_id = :shop_id"
ADD = """
    INSERT INTO themes (shop_id, id, name, status, reason, version, revision, created_at, updated_at)
    VALUES (:shop_id, :id, :name, :status, :reason, :version, :revision, :created_at, :updated_at)
"""
SET = f"""
    UPDATE themes SET name = :name, status = :status, reason = :reason, version = :version,
        revision = :revision, updated_at = :updated_at
    WHERE {PLACE}
"""
REMOVE = f"DELETE FROM themes WHERE {PLACE}"
REMOVE_VERSIONS = f"DELETE FROM theme_versions WHERE {OF_THEME}"
REMOVE_UPLOAD = f"DELETE FROM theme_uploads WHERE {OF_THEME}"
REMOVE_SKETCHES = f"DELETE FROM sketches WHERE {OF_THEME}"
LAST = f"SELECT COALESCE(max(number), 0) FROM theme_versions WHERE {OF_THEME}"
ADD_VERSION = """
    INSERT INTO theme_versions (shop_id, theme_id, number, at, by, kind, added, changed, removed, manifest)
    VALUES (:shop_id, :theme_id, :number, :at, :by, :kind, :added, :changed, :removed, :manifest)
"""
MANIFEST = f"SELECT manifest FROM theme_versions WHERE {OF_THEME} AND number = :number"
VERSIONS = f"""
    SELECT number, at, by, kind, added, changed, removed FROM theme_versions
    WHERE {OF_THEME} AND number < :before ORDER BY number DESC LIMIT :limit
"""
LATER_VERSIONS = f"""
    SELECT number, at, by, kind, added, changed, removed FROM theme_versions
    WHERE {OF_THEME} AND number > :after ORDER BY number LIMIT :limit
"""
LAST_PUBLICATION = "SELECT COALESCE(max(number), 0) FROM publications WHERE shop_id = :shop_id"
ADD_PUBLICATION = """
    INSERT INTO publications (shop_id, number, theme_id, version, previous, kind, at, by)
    VALUES (:shop_id, :number, :theme_id, :version, :previous, :kind, :at, :by)
"""
SET_CURRENT = """
    INSERT INTO current_theme (shop_id, theme_id, publication) VALUES (:shop_id, :theme_id, :publication)
    ON CONFLICT (shop_id) DO UPDATE SET theme_id = excluded.theme_id, publication = excluded.publication
"""
# The publication before the one that is current, of what is still there and is not what visitors see now.
BEFORE = """
    WITH RECURSIVE earlier AS (
        SELECT p.shop_id, p.number, p.theme_id, p.version, p.previous FROM publications p
        WHERE p.shop_id = :shop_id AND p.number = :publication
        UNION ALL
        SELECT p.shop_id, p.number, p.theme_id, p.version, p.previous FROM publications p
        JOIN earlier e ON p.shop_id = e.shop_id AND p.number = e.previous
    )
    SELECT e.number, e.theme_id, e.version FROM earlier e
    JOIN theme_versions v ON v.shop_id = e.shop_id AND v.theme_id = e.theme_id AND v.number = e.version
    WHERE e.number < :publication AND NOT (e.theme_id = :theme_id AND e.version = :version)
    ORDER BY e.number DESC LIMIT 1
"""
WITHOUT = """
    SELECT id FROM shops WHERE NOT EXISTS (SELECT 1 FROM current_theme c WHERE c.shop_id = shops.id)
    ORDER BY id
"""
# Publications older than those that are kept; what visitors see now is never among them.
FORGET_PUBLICATIONS = """
    DELETE FROM publications WHERE shop_id = :shop_id AND number IN (
        SELECT p.number FROM publications p
        WHERE p.shop_id = :shop_id
            AND p.number <= (SELECT max(l.number) FROM publications l WHERE l.shop_id = :shop_id) - :kept
            AND NOT EXISTS (SELECT 1 FROM current_theme c
                WHERE c.shop_id = p.shop_id AND c.publication = p.number)
        ORDER BY p.number LIMIT :most)
    RETURNING number
"""
# Versions of a theme older than those that are kept; what is shown, or a publication names, is none of them.
OUTLIVED = """
    SELECT v.theme_id, v.number FROM theme_versions v
    JOIN themes t ON t.shop_id = v.shop_id AND t.id = v.theme_id
    WHERE v.shop_id = :shop_id AND v.number <> t.version
        AND (SELECT count(*) FROM theme_versions n WHERE n.shop_id = v.shop_id AND n.theme_id = v.theme_id
            AND n.number > v.number) >= :kept
        AND NOT EXISTS (SELECT 1 FROM publications p WHERE p.shop_id = v.shop_id
            AND p.theme_id = v.theme_id AND p.version = v.number)
    ORDER BY v.theme_id, v.number
"""
REMOVE_VERSION = f"""
    DELETE FROM theme_versions WHERE {OF_THEME} AND number = :number
        AND NOT EXISTS (SELECT 1 FROM themes t
            WHERE t.shop_id = :shop_id AND t.id = :theme_id AND t.version = :number)
        AND NOT EXISTS (SELECT 1 FROM publications p
            WHERE p.shop_id = :shop_id AND p.theme_id = :theme_id AND p.version = :number)
"""
ALL_VERSIONS = "SELECT theme_id, number FROM theme_versions WHERE shop_id = :shop_id"
ALL_BLOBS = "SELECT digest FROM blobs WHERE shop_id = :shop_id"
REMOVE_BLOB = "DELETE FROM blobs WHERE shop_id = :shop_id AND digest = :digest"
# Packages that somebody works on; one that waits to be tried again has no token.
INSTALLED_NOW = """
    SELECT 1 FROM theme_uploads WHERE shop_id = :shop_id AND leased_until > :at AND token IS NOT NULL LIMIT 1
"""
SHOPS = "SELECT id FROM shops ORDER BY id"
