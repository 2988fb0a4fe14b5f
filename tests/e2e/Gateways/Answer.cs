using System.Globalization;
using System.Net;
using System.Text.Json;

namespace IotPlatform.E2e.Tests.Gateways;

/// <summary>What the REST API answered. A field with its default value may be absent, as proto3 JSON allows.</summary>
internal sealed record Answer(HttpStatusCode Status, JsonElement Body)
{
    /// <summary>The code of a refusal.</summary>
    public string Code => Text("code");

    /// <summary>The status of a message.</summary>
    public string MessageStatus => Text("status");

    public string MessageId => Text("messageId");

    public string Text(string field) => TextOf(Body, field);

    public long Number(string field) => NumberOf(Body, field);

    public bool Flag(string field) => Body.TryGetProperty(field, out var value) && value.GetBoolean();

    public bool Has(string field) => Body.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null;

    public JsonElement[] Items(string field) => Body.TryGetProperty(field, out var value) ? [.. value.EnumerateArray()] : [];

    /// <summary>The answer itself, when it has the expected status.</summary>
    public Answer Expect(HttpStatusCode status)
    {
        Assert.True(Status == status, $"Expected {(int)status}, got {(int)Status}: {Body}");
        return this;
    }

    /// <summary>The answer itself, when it is the expected refusal.</summary>
    public Answer Expect(HttpStatusCode status, string code)
    {
        Expect(status);
        Assert.Equal(code, Code);
        Assert.NotEmpty(Text("message"));
        return this;
    }

    public override string ToString() => $"{(int)Status} {Body}";

    public static string TextOf(JsonElement body, string field) => body.TryGetProperty(field, out var value) ? value.GetString() ?? "" : "";

    // 64-bit integers are strings in proto3 JSON.
    public static long NumberOf(JsonElement body, string field) =>
        !body.TryGetProperty(field, out var value) ? 0
        : value.ValueKind == JsonValueKind.String ? long.Parse(value.GetString()!, CultureInfo.InvariantCulture)
        : value.GetInt64();
}
