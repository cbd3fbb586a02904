"""Tests that mirror the core of `mall_app`, module by module."""
