using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf;
using IotPlatform.Api.Sending;
using IotPlatform.Compat;
using IotPlatform.Diagnostics;
using IotPlatform.Grpc;
using IotPlatform.Hosting;
using IotPlatform.Products;
using IotPlatform.Protos.V1;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Grpc;
using IotPlatform.Unit.Tests.Sessions;
using IotPlatform.Unit.Tests.Time;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Api.Sending;

/// <summary>Callers, the grains with a store that a test can hold up, and what lies between them.</summary>
internal sealed class SendScenario : IAsyncDisposable
{
    public const string ProductKey = "p";

    private readonly InstrumentSum _underWay;
    private readonly InstrumentSum _paused;
    private readonly CancellationTokenSource _caller = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<SendDeviceMessagesRequest> _requests = Channel.CreateUnbounded<SendDeviceMessagesRequest>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = new();
    private int _read;

    public SendScenario(SendOptions? options = null)
    {
        Options = options ?? new SendOptions();
        _underWay = new InstrumentSum(Instruments, "iot.gateway.messages.underway");
        _paused = new InstrumentSum(Instruments, "iot.gateway.messages.paused");
        Products = new ProductCache(Host.Engine, Host.Time);
        Sender = new MessageSender(Host.Engine, Products, new SendLimits(Microsoft.Extensions.Options.Options.Create(Options), Instruments, Host.Time));
        Batches = new MessageBatches(Sender, Products, NullLogger<MessageBatches>.Instance);
        Context = new CallContext(new DefaultHttpContext(), "iot.v1.Messaging/SendDeviceMessages", null, _caller.Token);
        Host.Messages.OnAppend = message => _held.TryGetValue(message.MessageId, out var held) ? held.Task : Task.CompletedTask;
    }

    public GrainHost Host { get; } = new();

    public GatewayInstruments Instruments { get; } = new();

    public SendOptions Options { get; }

    public ProductCache Products { get; }

    public MessageSender Sender { get; }

    public MessageBatches Batches { get; }

    public CallContext Context { get; }

    public RecordingLogger Log { get; } = new();

    public RecordedAnswers Answers { get; } = new();

    /// <summary>Messages that the stream has read.</summary>
    public int Read => Volatile.Read(ref _read);

    public long UnderWay => _underWay.Value;

    public long Paused => _paused.Value;

    /// <summary>A product with devices d0, d1 and so on.</summary>
    public static async Task<SendScenario> StartAsync(SendOptions? options = null, int devices = 1)
    {
        var scenario = new SendScenario(options);
        var product = scenario.Host.Engine.GetGrain<IProductGrain>(IProductGrain.KeyOf(ProductKey));
        await product.CreateAsync(new CreateProduct("", false));
        var created = await product.CreateDevicesAsync([.. Enumerable.Range(0, devices).Select(static i => $"d{i}")]);
        Assert.NotNull(created.Value);
        return scenario;
    }

    public static SendDeviceMessageRequest Request(string messageId = "", string deviceName = "d0", string payload = "x") =>
        new() { ProductKey = ProductKey, DeviceName = deviceName, MessageId = messageId, Payload = ByteString.CopyFromUtf8(payload) };

    /// <summary>Begins the stream.</summary>
    public Task RunAsync() =>
        new SendStream(Sender, Options, Instruments, Context, Log).RunAsync(ReadRequestsAsync(), Answers, _stopping.Token);

    public void Send(ulong correlationId, SendDeviceMessageRequest? message) =>
        _requests.Writer.TryWrite(new SendDeviceMessagesRequest { CorrelationId = correlationId, Message = message });

    /// <summary>The caller ends its side.</summary>
    /// <param name="fault">Instead of a right end.</param>
    public void End(Exception? fault = null) => _requests.Writer.Complete(fault);

    /// <summary>The caller goes.</summary>
    public void Go() => _caller.Cancel();

    public void Stop() => _stopping.Cancel();

    /// <summary>The store takes its time for a message.</summary>
    public void Hold(string messageId) => _held[messageId] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release(string messageId, Exception? fault = null)
    {
        if (fault is null)
        {
            _held[messageId].SetResult();
        }
        else
        {
            _held[messageId].SetException(fault);
        }
    }

    /// <summary>The next answers, by their correlation ids.</summary>
    public async Task<Dictionary<ulong, SendDeviceMessagesResponse>> AnswersAsync(int count)
    {
        var answers = new Dictionary<ulong, SendDeviceMessagesResponse>();
        for (var i = 0; i < count; i++)
        {
            var answer = await Answers.NextAsync().InTimeAsync($"answer {i + 1} of {count}");
            answers.Add(answer.CorrelationId, answer);
        }

        return answers;
    }

    public async ValueTask DisposeAsync()
    {
        _underWay.Dispose();
        _paused.Dispose();
        Instruments.Dispose();
        _caller.Dispose();
        _stopping.Dispose();
        await Host.DisposeAsync();
    }

    private async IAsyncEnumerable<SendDeviceMessagesRequest> ReadRequestsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var request in _requests.Reader.ReadAllAsync(cancellationToken))
        {
            Interlocked.Increment(ref _read);
            yield return request;
        }
    }
}
