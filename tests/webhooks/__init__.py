"""Webhooks, tried with receivers that listen on this machine."""
