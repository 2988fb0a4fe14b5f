using System.Reflection;
using IotPlatform.Devices;
using IotPlatform.Embedded;
using IotPlatform.Hosting;
using IotPlatform.Mqtt;
using IotPlatform.Sessions;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Unit.Tests.Contracts;

/// <summary>What is logged.</summary>
public sealed class LogEventTests
{
    // Who filters or counts by it means one event.
    [Fact]
    public void EventIds_AreOfOneEventEach()
    {
        Assembly[] product =
            [typeof(QoS).Assembly, typeof(IDeviceGrain).Assembly, typeof(GrainHosting).Assembly, typeof(EmbeddedEngine).Assembly, typeof(SiloHosting).Assembly, typeof(MqttConnection).Assembly];
        const BindingFlags all = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var events = product.Distinct().SelectMany(static assembly => assembly.GetTypes()).SelectMany(static type => type.GetMethods(all))
            .Select(static method => (Method: method, Event: method.GetCustomAttribute<LoggerMessageAttribute>())).Where(static entry => entry.Event is not null).ToArray();

        Assert.True(events.Length > 50, $"{events.Length} events");
        Assert.Empty(events.GroupBy(static entry => entry.Event!.EventId).Where(static group => group.Count() > 1)
            .Select(static group => $"{group.Key}: {string.Join(", ", group.Select(static entry => $"{entry.Method.DeclaringType!.Name}.{entry.Method.Name}"))}"));
    }
}
