"""What Watchdeck knows of each AWS service; one YAML file a service."""

from app.catalogue.load import Catalogue, load_catalogue

__all__ = ["Catalogue", "load_catalogue"]
