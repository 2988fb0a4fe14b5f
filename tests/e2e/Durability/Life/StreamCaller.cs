using System.Collections.Concurrent;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.E2e.Tests.Messages;
using IotPlatform.Protos.V1;

namespace IotPlatform.E2e.Tests.Durability.Life;

/// <summary>A caller with one stream of messages to a gateway, which is opened again when it has broken.</summary>
internal sealed class StreamCaller(GatewayProcess gateway) : IAsyncDisposable
{
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<SendDeviceMessagesResponse?>> _waiting = new();
    private MessageStream? _stream;
    private Task _reading = Task.CompletedTask;
    private ulong _lastId;

    /// <summary>Sends a message.</summary>
    /// <returns>The answer; null where there is none, because the stream broke or nobody answered in time.</returns>
    public async Task<SendDeviceMessagesResponse?> SendAsync(SendDeviceMessageRequest message)
    {
        var answer = new TaskCompletionSource<SendDeviceMessagesResponse?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var id = Interlocked.Increment(ref _lastId);
        await _writing.WaitAsync();
        try
        {
            _waiting[id] = answer;
            await (_stream ?? await OpenAsync()).SendAsync(id, message);
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            _waiting.TryRemove(id, out _);
            return null;
        }
        finally
        {
            _writing.Release();
        }

        await Task.WhenAny(answer.Task, Task.Delay(AnswerPatience));
        _waiting.TryRemove(id, out _);
        return answer.Task.IsCompleted ? await answer.Task : null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is { } stream)
        {
            await stream.ResetAsync();
        }

        await _reading;
        _writing.Dispose();
    }

    private static bool IsBroken(Exception exception) =>
        exception is IOException or HttpRequestException or TimeoutException or OperationCanceledException or InvalidOperationException;

    private async Task<MessageStream> OpenAsync()
    {
        await _reading;
        var stream = _stream = await MessageStream.OpenAsync(gateway);
        _reading = ReadAsync(stream);
        return stream;
    }

    private async Task ReadAsync(MessageStream stream)
    {
        try
        {
            while (await stream.ReadAsync() is { } answer)
            {
                if (_waiting.TryRemove(answer.CorrelationId, out var waiting))
                {
                    waiting.TrySetResult(answer);
                }
            }
        }
        catch (Exception exception) when (IsBroken(exception))
        {
        }

        _stream = null;
        foreach (var (id, _) in _waiting)
        {
            if (_waiting.TryRemove(id, out var waiting))
            {
                waiting.TrySetResult(null);
            }
        }

        await stream.DisposeAsync();
    }
}
