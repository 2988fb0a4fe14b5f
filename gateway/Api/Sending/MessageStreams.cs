using IotPlatform.Diagnostics;
using IotPlatform.Grpc;
using IotPlatform.Hosting;
using IotPlatform.Protos.V1;
using Microsoft.Extensions.Options;

namespace IotPlatform.Api.Sending;

/// <summary>Answers streams of messages. They end when the server stops: their callers go on at another one.</summary>
internal sealed class MessageStreams(
    MessageSender sender, IOptions<SendOptions> options, GatewayInstruments instruments, IHostApplicationLifetime lifetime, ILogger<MessageStreams> logger)
{
    /// <summary><c>iot.v1.Messaging/SendDeviceMessages</c>.</summary>
    public Task RunAsync(IAsyncEnumerable<SendDeviceMessagesRequest> requests, IServerStreamWriter<SendDeviceMessagesResponse> responses, CallContext context) =>
        new SendStream(sender, options.Value, instruments, context, logger).RunAsync(requests, responses, lifetime.ApplicationStopping);
}
