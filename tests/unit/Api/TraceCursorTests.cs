using IotPlatform.Api;
using IotPlatform.Gateways;

namespace IotPlatform.Unit.Tests.Api;

/// <summary>How far a reader of a trace has come.</summary>
public sealed class TraceCursorTests
{
    [Fact]
    public void Cursor_AtFirst_IsAtTheFirstEventOfEveryGateway()
    {
        var cursor = TraceCursor.Parse("")!;
        Assert.Equal(1, cursor[new GatewayId("g")]);
        Assert.Equal("", cursor.ToString());
    }

    [Fact]
    public void Cursor_AsAToken_IsReadAsItWas()
    {
        var cursor = new TraceCursor();
        cursor[new GatewayId("b")] = long.MaxValue;
        cursor[new GatewayId("a-1.example=x")] = 2;
        var read = TraceCursor.Parse(cursor.ToString())!;
        Assert.Equal("a-1.example=x=2;b=9223372036854775807", cursor.ToString());
        Assert.Equal(
            (2, long.MaxValue, 1), (read[new GatewayId("a-1.example=x")], read[new GatewayId("b")], read[new GatewayId("c")]));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("g=")]
    [InlineData("=1")]
    [InlineData("g=0")]
    [InlineData("g=-1")]
    [InlineData("g= 1")]
    [InlineData("g=1.5")]
    [InlineData("g=9223372036854775808")]
    [InlineData("g=1;x")]
    public void Token_ThatWasNotGivenOut_IsNone(string token) => Assert.Null(TraceCursor.Parse(token));
}
