using Google.Protobuf;
using IotPlatform.Devices;
using IotPlatform.Grpc;
using IotPlatform.Hosting;
using IotPlatform.Products;
using IotPlatform.Protos.V1;
using IotPlatform.Unit.Tests.Time;
using Code = IotPlatform.Protos.V1.SendError.Types.Code;

namespace IotPlatform.Unit.Tests.Api.Sending;

/// <summary>One message for many devices.</summary>
public sealed class MessageBatchesTests
{
    /// <summary>What is wrong with a request, the words of the refusal, and the request.</summary>
    public static TheoryData<string, Action<BatchSendDeviceMessageRequest>> Wrong => new()
    {
        { "deviceNames must be 1 to 1000.", static r => r.DeviceNames.Clear() },
        { "deviceNames must be 1 to 1000.", static r => r.DeviceNames.Add(Enumerable.Range(1, 1_000).Select(static i => $"d{i}")) },
        { "deviceNames: d0 is named twice.", static r => r.DeviceNames.Add("d0") },
        { "payload must be at most 262144 bytes.", static r => r.Payload = ByteString.CopyFrom(new byte[262_145]) },
        { "messageId must be", static r => r.MessageId = "a b" },
        { "qos must be 0 or 1.", static r => r.Qos = 2 },
        { "ttl must be 0 to 604800 seconds.", static r => r.Ttl = -1 },
        { "topic must be", static r => r.Topic = "a/#" },
        { "name must be", static r => r.Name = new string('x', 129) },
        { "productKey must be", static r => r.ProductKey = "a/b" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task Batch_ThatIsWrong_IsRefused_AndNothingIsSent(string words, Action<BatchSendDeviceMessageRequest> change)
    {
        await using var scenario = await SendScenario.StartAsync();
        var request = Request("d0");
        change(request);

        var refusal = await Assert.ThrowsAsync<RpcException>(() => scenario.Batches.SendAsync(request, scenario.Context));

        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains(words, refusal.Status.Message, StringComparison.Ordinal);
        Assert.Equal(0, scenario.Host.Messages.Count);
    }

    [Fact]
    public async Task Batch_ForNoProduct_IsNotFound_AndForADisabledOneFails()
    {
        await using var scenario = await SendScenario.StartAsync();
        var request = Request("d0");
        request.ProductKey = "nothing";
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => scenario.Batches.SendAsync(request, scenario.Context))).StatusCode);

        await scenario.Host.Engine.GetGrain<IProductGrain>(IProductGrain.KeyOf(SendScenario.ProductKey)).SetEnabledAsync(false);
        Assert.Equal(StatusCode.FailedPrecondition, (await Assert.ThrowsAsync<RpcException>(() => scenario.Batches.SendAsync(Request("d0"), scenario.Context))).StatusCode);
    }

    [Fact]
    public async Task Batch_GivesEachDeviceItsOwnOutcome_InTheOrderOfTheRequest()
    {
        await using var scenario = await SendScenario.StartAsync(devices: 4);
        await scenario.Host.Engine.GetGrain<IDeviceGrain>(new DeviceId(SendScenario.ProductKey, "d1").GrainKey).SetEnabledAsync(false);
        await scenario.Batches.SendAsync(new BatchSendDeviceMessageRequest { ProductKey = SendScenario.ProductKey, DeviceNames = { "d2" }, MessageId = "m" }, scenario.Context);
        scenario.Host.Messages.OnAppend = static message => message.Device.DeviceName == "d3" ? throw new StoreUnavailableException() : Task.CompletedTask;
        var request = Request("d0", "d1", "d2", "d3", "nobody", "a/b");
        request.MessageId = "m";

        var response = await scenario.Batches.SendAsync(request, scenario.Context);

        Assert.Equal(request.DeviceNames, response.Outcomes.Select(static outcome => outcome.DeviceName));
        Assert.Equal("m", response.Outcomes[0].MessageId);
        Assert.Equal(
            [Code.FailedPrecondition, Code.AlreadyExists, Code.Unavailable, Code.NotFound, Code.InvalidArgument],
            response.Outcomes.Skip(1).Select(static outcome => outcome.Error.Code));
        Assert.All(response.Outcomes.Skip(1), static outcome => Assert.NotEmpty(outcome.Error.Message));
    }

    [Fact]
    public async Task Batch_WithoutAnId_GivesEachMessageItsOwn()
    {
        await using var scenario = await SendScenario.StartAsync(devices: 3);

        var response = await scenario.Batches.SendAsync(Request("d0", "d1", "d2"), scenario.Context);

        Assert.Equal(3, response.Outcomes.Select(static outcome => outcome.MessageId).Where(static id => id.Length > 0).Distinct().Count());
        Assert.Equal(3, scenario.Host.Messages.Count);
    }

    [Fact]
    public async Task Batch_HasABoundedNumberUnderWay()
    {
        await using var scenario = await SendScenario.StartAsync(devices: 1_000);
        var (underWay, most) = (0, 0);
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new Lock();
        scenario.Host.Messages.OnAppend = async _ =>
        {
            lock (gate)
            {
                most = Math.Max(most, ++underWay);
            }

            await released.Task;
            lock (gate)
            {
                underWay--;
            }
        };

        var sending = scenario.Batches.SendAsync(Request([.. Enumerable.Range(0, 1_000).Select(static i => $"d{i}")]), scenario.Context);
        await Patience.UntilAsync(() => Volatile.Read(ref underWay) == 64);
        released.SetResult();

        var response = await sending.InTimeAsync("the batch");
        Assert.Equal((1_000, 64), (response.Outcomes.Count(static outcome => outcome.MessageId.Length > 0), most));
    }

    [Fact]
    public async Task Batch_BeyondTheRate_IsRefusedByMessage()
    {
        await using var scenario = await SendScenario.StartAsync(new SendOptions { SendsPerSecondPerCaller = 10, SendsBurstPerCaller = 3 }, devices: 5);

        var response = await scenario.Batches.SendAsync(Request("d0", "d1", "d2", "d3", "d4"), scenario.Context);

        Assert.Equal(3, response.Outcomes.Count(static outcome => outcome.MessageId.Length > 0));
        var refused = response.Outcomes.Where(static outcome => outcome.Error is not null).ToArray();
        Assert.Equal(2, refused.Length);
        Assert.All(refused, static outcome => Assert.Equal((Code.ResourceExhausted, TimeSpan.FromMilliseconds(100)), (outcome.Error.Code, outcome.Error.RetryAfter.ToTimeSpan())));
    }

    [Fact]
    public async Task Batch_WhoseCallerGoes_SendsNoMore()
    {
        await using var scenario = await SendScenario.StartAsync(devices: 200);
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var underWay = 0;
        scenario.Host.Messages.OnAppend = _ =>
        {
            Interlocked.Increment(ref underWay);
            return released.Task;
        };
        var sending = scenario.Batches.SendAsync(Request([.. Enumerable.Range(0, 200).Select(static i => $"d{i}")]), scenario.Context);
        await Patience.UntilAsync(() => Volatile.Read(ref underWay) == 64);

        scenario.Go();
        Assert.False(sending.IsCompleted);
        released.SetResult();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.InTimeAsync("the batch"));
        Assert.Equal(64, scenario.Host.Messages.Count);
    }

    private static BatchSendDeviceMessageRequest Request(params string[] deviceNames) =>
        new() { ProductKey = SendScenario.ProductKey, DeviceNames = { deviceNames }, Payload = ByteString.CopyFromUtf8("x") };
}
