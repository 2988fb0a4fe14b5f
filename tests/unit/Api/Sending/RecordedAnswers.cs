using System.Collections.Concurrent;
using System.Threading.Channels;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;

namespace IotPlatform.Unit.Tests.Api.Sending;

/// <summary>A caller that reads what a test lets it.</summary>
internal sealed class RecordedAnswers : IServerStreamWriter<SendDeviceMessagesResponse>
{
    private readonly Channel<SendDeviceMessagesResponse> _answers = Channel.CreateUnbounded<SendDeviceMessagesResponse>();

    /// <summary>Called before each write is done.</summary>
    public Func<Task> OnWrite { get; set; } = static () => Task.CompletedTask;

    /// <summary>How many answers each write had, begun or done.</summary>
    public ConcurrentQueue<int> Writes { get; } = new();

    /// <summary>How many answers were taken out.</summary>
    public int Waiting => _answers.Reader.Count;

    public ValueTask StartAsync() => ValueTask.CompletedTask;

    public ValueTask WriteAsync(SendDeviceMessagesResponse message) => WriteAllAsync([message]);

    public async ValueTask WriteAllAsync(IReadOnlyList<SendDeviceMessagesResponse> messages)
    {
        var together = messages.ToArray();
        Writes.Enqueue(together.Length);
        await OnWrite();
        foreach (var message in together)
        {
            _answers.Writer.TryWrite(message);
        }
    }

    public async Task<SendDeviceMessagesResponse> NextAsync() => await _answers.Reader.ReadAsync();
}
