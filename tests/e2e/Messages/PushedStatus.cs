using System.Text.Json;

namespace IotPlatform.E2e.Tests.Messages;

/// <summary>A request with a status event, as it came.</summary>
internal sealed record PushedStatus(string Method, string Path, Dictionary<string, string> Headers, byte[] Body)
{
    public string EventId => Headers["Iot-Event-Id"];

    public string MessageId => Field("message_id");

    public string Status => Field("status");

    private string Field(string name) => JsonDocument.Parse(Body).RootElement.GetProperty("notify_data").GetProperty(name).GetString()!;
}
