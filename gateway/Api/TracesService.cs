using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using IotPlatform.Gateways;
using IotPlatform.Grpc;
using IotPlatform.Orders;
using IotPlatform.Protos.V1;

namespace IotPlatform.Api;

/// <summary><c>iot.v1.Traces</c>: the way of packets.</summary>
internal sealed class TracesService(IGrainFactory grains, AllGateways gateways, WatchPace watch, TimeProvider time)
{
    private const int WatchPageSize = 1_000;

    private static readonly TimeSpan TraceLongest = TimeSpan.FromHours(1);
    private static readonly TimeSpan TraceDefault = TimeSpan.FromMinutes(10);

    public GrpcServiceDefinition Definition() => GrpcServiceDefinition.For(TracesReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.ServiceDescriptor>("Traces"))
        .Unary<StartTraceRequest, Trace>("StartTrace", StartTraceAsync)
        .Unary<ListTracesRequest, ListTracesResponse>("ListTraces", ListTracesAsync)
        .Unary<ListTraceEventsRequest, ListTraceEventsResponse>("ListTraceEvents", ListTraceEventsAsync)
        .ServerStreaming<WatchTraceRequest, Protos.V1.TraceEvent>("WatchTrace", WatchTraceAsync)
        .Unary<StopTraceRequest, Empty>("StopTrace", StopTraceAsync)
        .Build();

    public async Task<Trace> StartTraceAsync(StartTraceRequest request, CallContext context)
    {
        var isDevice = request.ProductKey.Length > 0 || request.DeviceName.Length > 0;
        bool[] given = [request.ClientId.Length > 0, isDevice, request.Address.Length > 0, request.TopicFilter.Length > 0];
        if (given.Count(static isGiven => isGiven) != 1)
        {
            throw Refusals.Invalid("Exactly one of clientId, productKey with deviceName, address and topicFilter must be given.");
        }

        var now = time.GetUtcNow();
        var trace = new TraceOrder(
            Guid.NewGuid().ToString("N"),
            request.ClientId.Length > 0 ? Requests.ClientId(request.ClientId) : null,
            isDevice ? Requests.Device(request.ProductKey, request.DeviceName) : null,
            request.Address.Length > 0 ? Requests.Network(request.Address) : null,
            request.TopicFilter.Length > 0 ? Requests.TopicFilter(request.TopicFilter, "topicFilter") : null,
            now,
            now + Requests.Duration(request.Duration, TraceLongest, TraceDefault));
        return (await Orders().StartTraceAsync(trace)).OrThrow().ToMessage();
    }

    public async Task<ListTracesResponse> ListTracesAsync(ListTracesRequest request, CallContext context)
    {
        var response = new ListTracesResponse();
        response.Traces.AddRange((await TracesAsync()).Select(static trace => trace.ToMessage()));
        return response;
    }

    public async Task<ListTraceEventsResponse> ListTraceEventsAsync(ListTraceEventsRequest request, CallContext context)
    {
        await RequireAsync(request.TraceId);
        var cursor = TraceCursor.Parse(request.PageToken) ?? throw Refusals.Invalid("pageToken is none that was given out.");
        var (events, lost) = await ReadAsync(request.TraceId, cursor, Requests.PageSize(request.PageSize));
        var response = new ListTraceEventsResponse { NextPageToken = cursor.ToString(), Lost = lost };
        response.Events.AddRange(events);
        return response;
    }

    public async Task WatchTraceAsync(WatchTraceRequest request, IServerStreamWriter<Protos.V1.TraceEvent> responses, CallContext context)
    {
        var trace = await RequireAsync(request.TraceId);
        var cursor = new TraceCursor();
        await responses.StartAsync();
        for (var isOver = false; !isOver;)
        {
            // Looked at before reading: what was noted until then is read.
            isOver = time.GetUtcNow() >= trace.Until || !(await TracesAsync()).Any(known => known.Id == trace.Id);
            var (events, _) = await ReadAsync(trace.Id, cursor, WatchPageSize);
            foreach (var noted in events)
            {
                await responses.WriteAsync(noted);
            }

            if (!isOver)
            {
                await watch.WaitAsync(context.CancellationToken);
            }
        }
    }

    public async Task<Empty> StopTraceAsync(StopTraceRequest request, CallContext context)
    {
        (await Orders().StopTraceAsync(request.TraceId)).OrThrow();
        return new Empty();
    }

    private async Task<(IReadOnlyList<Protos.V1.TraceEvent> Events, long Lost)> ReadAsync(string traceId, TraceCursor cursor, int size)
    {
        var (readings, _) = await gateways.AskAsync((gateway, shard) => shard.ReadTraceAsync(traceId, cursor[gateway.Gateway], size), ofEveryShard: false);
        var lost = 0L;
        var events = new List<(GatewayId Gateway, Orders.TraceEvent Event)>();
        foreach (var reading in readings)
        {
            lost += reading.Lost;
            events.AddRange(reading.Events.Select(noted => (reading.Gateway, noted)));
            if (!reading.Events.IsEmpty)
            {
                cursor[reading.Gateway] = reading.Events[^1].Number + 1;
            }
        }

        return ([.. events.OrderBy(static noted => noted.Event.At).ThenBy(static noted => noted.Event.Number).Select(static noted => noted.Event.ToMessage(noted.Gateway))], lost);
    }

    private async Task<ImmutableArray<TraceOrder>> TracesAsync() => (await Orders().GetAsync(knownVersion: 0))!.Traces;

    private async Task<TraceOrder> RequireAsync(string traceId) =>
        (await TracesAsync()).FirstOrDefault(trace => trace.Id == traceId) ?? throw Refusals.NotFound($"There is no trace {traceId}.");

    private IStandingOrdersGrain Orders() => grains.GetGrain<IStandingOrdersGrain>(IStandingOrdersGrain.GrainKey);
}
