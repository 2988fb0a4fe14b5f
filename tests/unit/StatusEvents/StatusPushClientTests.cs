using System.Text;
using System.Text.Json;
using IotPlatform.Devices;
using IotPlatform.StatusEvents;

namespace IotPlatform.Unit.Tests.StatusEvents;

/// <summary>What is posted.</summary>
public sealed class StatusPushClientTests
{
    private static readonly StatusEvent Event = new(
        new DeviceId("demo", "lamp1"), "m-1", "reboot", MessageStatus.Delivered, new DateTimeOffset(2026, 11, 21, 9, 9, 10, 999, TimeSpan.FromHours(1)), null, new StatusEventPosition(0, 1, 0));

    [Fact]
    public void Body_IsThatOfTheContract() => Assert.Equal(
        """{"resource":"device.message.status","event":"update","notify_data":{"message_id":"m-1","name":"reboot","device_id":"demo_lamp1","status":"DELIVERED","timestamp":"20261121T080910Z"}}""",
        Encoding.UTF8.GetString(StatusPushClient.Body(Event)));

    [Theory]
    [InlineData(MessageStatus.Pending, "PENDING")]
    [InlineData(MessageStatus.Sent, "SENT")]
    [InlineData(MessageStatus.Delivered, "DELIVERED")]
    [InlineData(MessageStatus.TimedOut, "TIMEOUT")]
    [InlineData(MessageStatus.Failed, "FAILED")]
    public void Status_HasTheNameOfTheApi(MessageStatus status, string name) =>
        Assert.Equal(name, Data(Event with { Status = status }).GetProperty("status").GetString());

    [Fact]
    public void Name_OfAnyText_IsReadBackAsItWas()
    {
        const string name = "\"\\\n<&'+ü\u2028🛰";
        Assert.Equal(name, Data(Event with { Name = name }).GetProperty("name").GetString());
    }

    // Computed with Python: hmac.new(secret, timestamp + b"." + body, hashlib.sha256).hexdigest()
    [Fact]
    public void Signature_IsTheHmacOverTheTimeAndTheBody()
    {
        Assert.Equal(
            "v1=d0e5dffdbc6cc9bb69155ff5b4624601ac4cabb1d5bfe5aafe2d79f1edfac1e8",
            StatusPushClient.Signature("0123456789abcdef", "1795248550", StatusPushClient.Body(Event)));
        Assert.Equal("v1=415859680b8cbc037b4503344dd6517f862181abbd9ee796b63f5a37fa3e17df", StatusPushClient.Signature("schlüssel-0123456", "0", "{}"u8));
    }

    private static JsonElement Data(StatusEvent status) => JsonDocument.Parse(StatusPushClient.Body(status)).RootElement.GetProperty("notify_data");
}
