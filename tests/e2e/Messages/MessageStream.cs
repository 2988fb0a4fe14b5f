using Google.Protobuf;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;
using IotPlatform.Testkit;
using IotPlatform.Unit.Tests.Grpc;
using Device = IotPlatform.E2e.Tests.Gateways.Device;

namespace IotPlatform.E2e.Tests.Messages;

/// <summary>A caller's stream of messages to a gateway.</summary>
internal sealed class MessageStream : IAsyncDisposable
{
    private readonly GrpcClient _client;
    private readonly GrpcStream _call;

    private MessageStream(GrpcClient client, GrpcStream call) => (_client, _call) = (client, call);

    public static (string Name, string Value) Key { get; } = ("authorization", $"Bearer {GatewayProcess.AdminKey}");

    /// <summary>How it ended.</summary>
    public StatusCode Status => _call.Reply.Status;

    public static async Task<MessageStream> OpenAsync(GatewayProcess gateway)
    {
        var client = new GrpcClient(new Uri($"http://{gateway.GrpcAuthority}"));
        var call = await client.OpenAsync("iot.v1.Messaging/SendDeviceMessages", Key);
        await Deadline.WithinAsync(call.WhenOpenedAsync(), "the stream is open");
        return new MessageStream(client, call);
    }

    public static SendDeviceMessageRequest To(Device device, string payload = "x", string messageId = "") =>
        new() { ProductKey = device.ProductKey, DeviceName = device.Name, MessageId = messageId, Payload = ByteString.CopyFromUtf8(payload) };

    public Task SendAsync(ulong correlationId, SendDeviceMessageRequest? message) =>
        Deadline.WithinAsync(_call.WriteAsync(new SendDeviceMessagesRequest { CorrelationId = correlationId, Message = message }), $"message {correlationId} is sent");

    public Task SendRawAsync(byte[] bytes) => _call.WriteRawAsync(bytes);

    /// <summary>Ends the caller's side.</summary>
    public Task EndAsync() => _call.EndAsync();

    /// <summary>Gives the call up.</summary>
    public Task ResetAsync() => _call.ResetAsync();

    /// <summary>The next answer; null at the end.</summary>
    public async Task<SendDeviceMessagesResponse?> ReadAsync() =>
        await Deadline.WithinAsync(_call.ReadPayloadAsync(), "an answer, or the end of the stream") is { } payload ? SendDeviceMessagesResponse.Parser.ParseFrom(payload) : null;

    /// <summary>The next answers, by their correlation ids.</summary>
    public async Task<Dictionary<ulong, SendDeviceMessagesResponse>> ReadAsync(int count)
    {
        var answers = new Dictionary<ulong, SendDeviceMessagesResponse>();
        while (answers.Count < count)
        {
            var answer = await ReadAsync();
            Assert.True(answer is not null, $"The stream ended after {answers.Count} of {count} answers.");
            answers.Add(answer.CorrelationId, answer);
        }

        return answers;
    }

    public async ValueTask DisposeAsync()
    {
        await _call.DisposeAsync();
        _client.Dispose();
    }
}
