import { describe, expect, it } from "vitest";
import { checkWebhook, isPublic } from "../../../src/endpoints/webhooks/index.ts";

describe("isPublic", () => {
  it.each(["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::200e"])(
    "%s is on the internet",
    (address) => expect(isPublic(address)).toBe(true),
  );

  it.each([
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:1::1",
    "fe80::1",
    "fd00::1",
    "ff02::1",
    "localhost",
    "",
  ])("%s is not", (address) => expect(isPublic(address)).toBe(false));
});

describe("checkWebhook", () => {
  it.each(["https://example.org/hook?x=1", "http://example.org:8080/", "https://8.8.8.8/"])("takes %s", (url) => {
    expect(checkWebhook(url, "public")).toBe(url);
  });

  it.each([
    "",
    "hook",
    "ftp://example.org/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    `https://example.org/${"x".repeat(2048)}`,
  ])("refuses %s wherever it may lead", (url) => {
    expect(() => checkWebhook(url, "any")).toThrow("webhook must be a URL");
  });

  it.each([
    "http://127.0.0.1:8080/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://localhost/",
    "http://localhost./",
    "http://a.localhost/",
    "http://[::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://169.254.169.254/latest/meta-data",
    "http://①②⑦.0.0.1/",
  ])("refuses %s unless private addresses are allowed", (url) => {
    expect(() => checkWebhook(url, "public")).toThrow("is no public address");
    expect(checkWebhook(url, "any")).toBe(new URL(url).href);
  });
});
