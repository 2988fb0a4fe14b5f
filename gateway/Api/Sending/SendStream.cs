using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Google.Protobuf;
using IotPlatform.Diagnostics;
using IotPlatform.Grpc;
using IotPlatform.Hosting;
using IotPlatform.Protos.V1;
using DeviceMessage = IotPlatform.Devices.DeviceMessage;

namespace IotPlatform.Api.Sending;

/// <summary>
/// One stream of messages. It is read while there is room (<see cref="SendWindow"/>), the messages go to their devices side by side, and what is answered
/// by the time that the connection takes more is written together.
/// </summary>
internal sealed class SendStream(MessageSender sender, SendOptions options, GatewayInstruments instruments, CallContext context, ILogger logger)
{
    private readonly SendWindow _window = new(options.UnderWayPerStreamMax, options.UnderWayBytesPerStreamMax);

    // Bounded by the window: an answer is under way until it is written.
    private readonly Channel<(SendDeviceMessagesResponse Answer, int Bytes)> _answers = Channel.CreateUnbounded<(SendDeviceMessagesResponse, int)>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Answers every message that was read. Ends when nothing is under way any more, whatever ends it.</summary>
    /// <param name="requests">The messages.</param>
    /// <param name="responses">Where the answers go.</param>
    /// <param name="stopping">The server stops.</param>
    public async Task RunAsync(
        IAsyncEnumerable<SendDeviceMessagesRequest> requests, IServerStreamWriter<SendDeviceMessagesResponse> responses, CancellationToken stopping)
    {
        await responses.StartAsync();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, stopping);
        var writing = WriteAsync(responses, ending);
        var reading = ReadAsync(requests, ending.Token);
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _window.WhenEmptyAsync();
        _answers.Writer.Complete();
        await writing;
        if (!reading.IsCompletedSuccessfully && stopping.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(StatusCode.Unavailable, "The server is stopping. What it had read is answered.");
        }

        await reading;
    }

    private async Task ReadAsync(IAsyncEnumerable<SendDeviceMessagesRequest> requests, CancellationToken cancellationToken)
    {
        await foreach (var request in requests.WithCancellation(cancellationToken))
        {
            await BeginAsync(request);
            var room = _window.WhenRoomAsync();
            if (!room.IsCompleted)
            {
                // What is not read stays with the caller: HTTP/2 lets him send no more than what has been read.
                instruments.StreamPaused();
                await room.WaitAsync(cancellationToken);
            }
        }
    }

    // Checked before the next one is read, so that devices are called in the order of the stream.
    private async ValueTask BeginAsync(SendDeviceMessagesRequest request)
    {
        // What an answer repeats of it is the topic.
        var bytes = request.Message is null ? 0 : request.Message.Payload.Length + request.Message.Topic.Length;
        _window.Enter(bytes);
        instruments.MessagesUnderWay(1);
        try
        {
            var message = await sender.CheckAsync(request.Message ?? throw Refusals.Invalid("message must be set."));
            _ = SendAsync(request.CorrelationId, message, bytes);
        }
        catch (Exception thrown)
        {
            _answers.Writer.TryWrite((Refused(request.CorrelationId, thrown), bytes));
        }
    }

    /// <summary>Never throws: whatever happens to a message is its answer.</summary>
    private async Task SendAsync(ulong correlationId, MessageToSend message, int bytes)
    {
        SendDeviceMessagesResponse answer;
        try
        {
            var reply = await sender.SendAsync(message, context.Caller);
            answer = reply.Value is { } accepted
                ? Accepted(correlationId, accepted)
                : new SendDeviceMessagesResponse { CorrelationId = correlationId, Error = reply.Refusal!.ToError() };
        }
        catch (Exception thrown)
        {
            answer = Refused(correlationId, thrown);
        }

        _answers.Writer.TryWrite((answer, bytes));
    }

    private static SendDeviceMessagesResponse Accepted(ulong correlationId, DeviceMessage accepted)
    {
        var message = accepted.ToMessage();
        message.Payload = ByteString.Empty;
        return new SendDeviceMessagesResponse { CorrelationId = correlationId, Message = message };
    }

    private SendDeviceMessagesResponse Refused(ulong correlationId, Exception thrown) =>
        new() { CorrelationId = correlationId, Error = HandlerFault.ToStatus(thrown, context.Method, logger).ToError() };

    private async Task WriteAsync(IServerStreamWriter<SendDeviceMessagesResponse> responses, CancellationTokenSource ending)
    {
        var together = new List<SendDeviceMessagesResponse>();
        ExceptionDispatchInfo? failure = null;
        while (await _answers.Reader.WaitToReadAsync(CancellationToken.None))
        {
            var bytes = 0L;
            while (_answers.Reader.TryRead(out var next))
            {
                together.Add(next.Answer);
                bytes += next.Bytes;
            }

            try
            {
                if (failure is null)
                {
                    await responses.WriteAllAsync(together);
                }
            }
            catch (Exception thrown)
            {
                // The caller is gone. What is under way has no one to be answered to, and is waited for all the same.
                failure = ExceptionDispatchInfo.Capture(thrown);
                await ending.CancelAsync();
            }

            instruments.MessagesUnderWay(-together.Count);
            _window.Leave(together.Count, bytes);
            together.Clear();
        }

        failure?.Throw();
    }
}
