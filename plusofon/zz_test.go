package plusofon_test
import ("testing";"syscall";"time";"net/http";"net/http/httptest";"bytes";"fmt";"io";"plusofon-bot/plusofon")
func TestZZ(t *testing.T){
 els:=make([][]byte,10000)
 var list []byte
 srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard,r.Body); w.Header().Set("Content-Length", fmt.Sprint(len(list))); w.Write(list) }))
 defer srv.Close()
 c,_:=plusofon.New(plusofon.Config{BaseURL: srv.URL, Token: token, Rate: 1 << 30})
 cpu:=func() time.Duration { var u syscall.Rusage; syscall.Getrusage(0,&u); return time.Duration(u.Utime.Nano()+u.Stime.Nano()) }
 for _,n:=range []int{10000,10}{
 var spent time.Duration
 for v:=range 10 {
  for i:=range els { if els[i]==nil||i<n {els[i]=listedElement(i,v+n)} }
  list = fmt.Appendf(nil, `{"ticket":[%s]}`, bytes.Join(els, []byte(",")))
  s:=cpu(); if _,err:=c.Tickets(t.Context(),true);err!=nil{t.Fatal(err)}; spent+=cpu()-s
 }
 t.Log(n, "changed:", spent/10)
 }
}
