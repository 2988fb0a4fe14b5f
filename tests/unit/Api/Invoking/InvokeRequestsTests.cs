using Google.Protobuf;
using IotPlatform.Api.Invoking;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;

namespace IotPlatform.Unit.Tests.Api.Invoking;

public sealed class InvokeRequestsTests
{
    /// <summary>What is wrong with a request, the words of the refusal, and the request.</summary>
    public static TheoryData<string, string, Action<InvokeDeviceRequest>> Wrong => new()
    {
        { "payload", "payload must be at most 262144 bytes.", static r => r.Payload = ByteString.CopyFrom(new byte[262_145]) },
        { "timeout below", "timeout must be 1 to 30 seconds, or 0 for 5.", static r => r.Timeout = -1 },
        { "timeout above", "timeout must be 1 to 30 seconds, or 0 for 5.", static r => r.Timeout = 31 },
        { "timeout far above", "timeout must be 1 to 30 seconds, or 0 for 5.", static r => r.Timeout = int.MaxValue },
        { "qos", "qos must be 0 or 1.", static r => r.Qos = 2 },
        { "content type", "contentType must be at most 128 bytes of text", static r => r.ContentType = new string('ü', 65) },
        { "properties", "userProperties must be at most 32", static r => r.UserProperties.Add(Enumerable.Repeat(new UserProperty(), 33)) },
        { "properties, in bytes", "userProperties must be at most 4096 bytes", static r => r.UserProperties.Add(new UserProperty { Name = "n", Value = new string('ü', 2_048) }) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Request_OutOfBounds_IsRefusedByItsField(string what, string message, Action<InvokeDeviceRequest> change)
    {
        var request = new InvokeDeviceRequest();
        change(request);
        var refusal = Assert.Throws<RpcException>(() => InvokeRequests.ToInvocation(request));
        Assert.Equal((what, StatusCode.InvalidArgument), (what, refusal.StatusCode));
        Assert.StartsWith(message, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 1)]
    [InlineData(30, 30)]
    public void Request_WaitsForItsTimeout(int timeout, int seconds)
    {
        var invocation = InvokeRequests.ToInvocation(new InvokeDeviceRequest { Timeout = timeout, Payload = ByteString.CopyFrom(new byte[262_144]) });
        Assert.Equal((TimeSpan.FromSeconds(seconds), 0, 262_144, 0), (invocation.Timeout, invocation.QoS, invocation.Payload.Length, invocation.Properties.Length));
    }

    [Fact]
    public void Request_WithProperties_CarriesThemAsTheyTravel()
    {
        var request = new InvokeDeviceRequest { Qos = 1, ContentType = "t", UserProperties = { new UserProperty { Name = "n", Value = "v" } } };
        var invocation = InvokeRequests.ToInvocation(request);
        Assert.Equal((1, "0300017426" + "00016E" + "000176"), (invocation.QoS, Convert.ToHexString(invocation.Properties.Span)));
    }
}
