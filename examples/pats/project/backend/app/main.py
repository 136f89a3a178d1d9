"""The web application: companies, applications and their documents."""
import os
from pathlib import Path

from fastapi import FastAPI, HTTPException, UploadFile
from sqlalchemy import text

from app.database import engine

UPLOADS = Path(os.environ.get("UPLOAD_DIR", "uploads"))
app = FastAPI(title="PATS")


@app.get("/applications")
def applications() -> list[dict]:
    query = text("SELECT a.id, a.title, a.status, c.name AS company FROM applications a JOIN companies c ON c.id = a.company_id")
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


@app.post("/applications/{application_id}/documents")
async def upload(application_id: int, file: UploadFile) -> dict:
    name = Path(file.filename or "").name
    if not name:
        raise HTTPException(status_code=400, detail="The file has no name.")
    path = UPLOADS / str(application_id) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(await file.read())
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO documents (application_id, kind, path) VALUES (:application_id, 'other', :path)"),
            {"application_id": application_id, "path": f"{application_id}/{name}"},
        )
    return {"path": f"{application_id}/{name}"}
