package bench
import ("testing";"context";"log/slog";"os";"encoding/json";"fmt")
func TestZZ(t *testing.T){
 f:=map[string]func(context.Context,Options)(*Result,error){"plan":Plan,"dial":Dial}[os.Getenv("B")]
 r,err:=f(context.Background(),Options{Log:slog.New(slog.NewTextHandler(os.Stderr,&slog.HandlerOptions{Level:slog.LevelWarn})),Progress:func(s string){fmt.Println(s)}})
 if err!=nil{t.Fatal(err)}
 d,_:=json.Marshal(r);fmt.Println(string(d))
}
